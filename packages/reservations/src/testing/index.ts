export * as ReservationsTest from "./ReservationsTest.ts"
