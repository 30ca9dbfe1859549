"""Objects: from the bytes of a delivered object to the JSON documents in it.

``compression``  the text of an object, also of a damaged one
``delivered``    the documents in that text, and what is wrong with it
"""
