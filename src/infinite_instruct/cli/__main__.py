"""`python -m infinite_instruct.cli`: the same as the command `infinite-instruct`."""

from infinite_instruct.cli.app import main

main()
