import streamlit as st

st.title("ER demand predictor")
