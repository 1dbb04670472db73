"""What `up` serves: the pages, the running project and a live panel; and `run`'s server."""
