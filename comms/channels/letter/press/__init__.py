"""The process in which letters are set. What runs in it imports nothing of ours but this folder."""
