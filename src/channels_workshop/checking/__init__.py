"""Checks over the wire: the client, the pytest plug-in, the verdict, and how a failure is told."""
