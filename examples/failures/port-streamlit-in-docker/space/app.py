import streamlit as st

st.title("Savings plan")

monthly = st.slider("Every month", 10, 1000, 100, step=10)
years = st.slider("Years", 1, 40, 15)
rate = st.slider("Interest in %", 0.0, 10.0, 3.0) / 100 / 12

balance = []
total = 0.0
for _ in range(years * 12):
    total = total * (1 + rate) + monthly
    balance.append(total)

st.metric("At the end", f"{total:,.0f} €")
st.line_chart(balance)
