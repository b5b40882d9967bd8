"""The frozen console program: the command line with a real standard output, and every worker."""

import sys

from desktop.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
