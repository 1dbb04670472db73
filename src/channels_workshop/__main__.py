"""`python -m channels_workshop VERB …`: what workshop.py hands over to."""

if __name__ == "__main__":
    from .cli import main

    main()
