"""`python -m evigraph`: the command line."""

from evigraph.cli import main

if __name__ == "__main__":
    main()
