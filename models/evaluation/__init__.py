"""How often an expert is right: readers of published sets, metrics as the papers report them, calibration on own pictures."""
