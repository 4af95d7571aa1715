// Bill: what a run costs, item by item, after the warm-up.
//
// Computes, for each region:
//   servers    rent * time for each server that stands there, used or not (in a pool with a node
//              autoscaler for the time in which it is not off), or what is written off of a
//              purchase, which does not stop when it is off; and so for drives that have a price
//   upkeep     of what is owned
//   energy, demand, carbon, water    by economics/energy_books.hpp
//   building, network, staff         as they are stated
//   requests, egress    of storage systems, and of what leaves a region (world/data_transfer.hpp)
// Equation: amount = quantity * price, rounded to the millionth of a dollar once; every sum of
//   amounts is a sum of whole numbers of 128 bits, so that accounts, regions and the total agree
//   exactly, which is checked.
// Units: USD. Source: definition; prices come with the scenario or the catalog, each item says from
// where. Valid range: prices that hold for the run (energy's may change).
// Leaves out: taxes, discounts, interest, tiers by volume.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "world/checkers.hpp"
#include "world/world.hpp"

namespace hyperdc {

enum class Account {
  servers,
  upkeep,
  energy,
  demand,
  carbon,
  water,
  building,
  network,
  staff,
  requests,
  egress
};
inline constexpr std::size_t kAccounts = 11;
std::string_view account_name(Account account);

struct BillItem {
  Account account = Account::servers;
  std::uint32_t region = 0;
  std::string item;       // "hgx-h100"
  double quantity = 0;    // of `unit`
  std::string_view unit;  // "server h", "kWh"
  Int128 micro_usd = 0;   // 10^-6 USD
  std::string missing;    // why there is no amount; empty: there is one
  std::string source;     // of the price; empty: not said
};

/// Whether the scenario has a price of anything.
bool has_prices(const Scenario& scenario);
/// By region, then account. Empty where the scenario has no prices. The power meter must have been
/// closed.
std::vector<BillItem> bill_of(const World& world, SimTime end);

/// A sum of amounts of the bill: whole numbers, in any order.
struct BillSum {
  Int128 micro_usd = 0;
  Int128 known_micro_usd = 0;  // of items that have an amount
  bool there = false;          // of any item
  std::string missing;         // why it is not known; empty: it is

  void add(const BillItem& item);
  void add(const BillSum& other);
};
using BillAccounts = std::array<BillSum, kAccounts>;

struct Ledger {
  std::vector<BillAccounts> regions;
  BillAccounts all;
  BillSum total;
};
Ledger ledger_of(const std::vector<BillItem>& bill, std::size_t regions);

/// The ledger balances: its items, regions, accounts and total agree to the millionth of a dollar.
/// Throws InvariantError if they do not.
CheckOutcome check_bill(const std::vector<BillItem>& bill, std::size_t regions);

}  // namespace hyperdc
