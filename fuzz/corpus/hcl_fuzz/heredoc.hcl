a = <<-EOF
    one
      two
    EOF
b = "\u00e9\U0001F511\"" // end
