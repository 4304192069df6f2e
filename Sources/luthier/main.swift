print("luthier")
