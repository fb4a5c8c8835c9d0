module example.org/books

go 1.22
