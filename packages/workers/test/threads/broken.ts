throw new Error("no such addon")
