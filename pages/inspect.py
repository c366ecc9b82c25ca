"""Inside: what the networks of a run make of one sample."""
import streamlit as st
st.title("Inside")
