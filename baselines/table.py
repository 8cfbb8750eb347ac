"""One table of all results: on the terminal, and as Markdown in RESULTS.md."""

import common


def show(results):
    for r in results:
        for row in r.report.rows():
            if row["measure"].endswith("*") or 1:
                print(
                    r.task,
                    r.system,
                    round(r.seconds, 2),
                    row["task"],
                    row["measure"],
                    row["score"],
                    row["precision"],
                    row["recall"],
                    row["reference"],
                    row["predicted"],
                )
