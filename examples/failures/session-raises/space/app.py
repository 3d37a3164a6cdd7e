import random

import plotly.express as px
import streamlit as st

st.title("Coin tosses")
tosses = st.slider("Tosses", 10, 5000, 500)

heads = 0
share = []
for number in range(1, tosses + 1):
    heads += random.random() < 0.5
    share.append(heads / number)

st.plotly_chart(px.line(y=share, labels={"x": "toss", "y": "share of heads"}))
