"""Upbit, alternative.me and the disk, each behind a port."""
