export * from "./Availability.ts"
export * from "./Reservation.ts"
export * from "./Reservations.ts"
export * from "./ReservationsError.ts"
