"""The pages of an enrolment: questions, pictures, what is kept, and the result."""
