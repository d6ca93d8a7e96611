"""Two managing agents, their blocks and people, and two years of messages: for trying it out and for training."""
