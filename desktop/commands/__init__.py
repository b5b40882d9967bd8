"""One thin module per capability of the command line; everything they do is a call into the rooms."""
