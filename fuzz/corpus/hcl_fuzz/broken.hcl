a = "unclosed
path