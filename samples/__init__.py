"""What tests and benchmarks are made of: files, documents, cases and a driver of products, all made here. Never shipped."""
