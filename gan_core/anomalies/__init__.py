"""What is odd about a picture, by what is normal: methods, one file each in ``methods``, and how well they tell.

A method learns from normal pictures, with a finished model of them or without, and makes of any picture the normal one that
it is most like.  What is left between the two is how odd it is, and where.
"""
