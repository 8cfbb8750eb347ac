"""Label tree to Label Studio and back: the place of the exchange, which is still to be written."""
