"""The stage and the presenter's page: a Channels app of one process, without a database."""
