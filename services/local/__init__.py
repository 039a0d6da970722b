"""What runs on this machine: broker, processes, the folder they share, the log they left."""
