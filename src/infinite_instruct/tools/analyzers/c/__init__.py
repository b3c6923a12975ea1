"""C and C++: gcc."""
