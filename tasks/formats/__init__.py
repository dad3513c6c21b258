"""What steps leave for one another: records and their readers, apart from the steps that write them."""
