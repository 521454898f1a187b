"""All partnerships side by side: how their estimates hang together, and what follows from them."""
