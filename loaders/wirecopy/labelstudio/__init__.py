"""Label trees to Label Studio and back.

`regions` reads and writes the result of an annotation; a module for each task (`entities`, `quotes`, `segments`, `duplicates`)
says how its labels are drawn and turns records into regions and back; `tasks` makes what a project is filled with, `projects`
chooses it, `export` reads what comes back, `client` talks to a server, `server` runs a local one.

Conventions: offsets are Unicode code points of the text that a task shows, ``end`` exclusive, as ``<Text>`` counts them.
"""
