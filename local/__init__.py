"""The local stack: what `make run` needs to serve the whole of Pawtime on one machine. It is never deployed."""
