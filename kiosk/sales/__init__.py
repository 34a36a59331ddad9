"""Packages, basket, pricing, vouchers, orders."""
