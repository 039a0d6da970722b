"""`upcycle`, the owner's command.

Consumes nothing, emits nothing of its own; starts the services, and shows what they did.
"""
