"""The owner's page: his window on the bot, in his browser. It talks to the backend's API and to nothing else."""
