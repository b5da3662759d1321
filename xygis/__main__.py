"""`python -m xygis`: the command line without an installed script."""

from xygis.cli.main import main

main()
