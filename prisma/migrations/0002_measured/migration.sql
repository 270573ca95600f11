-- AlterEnum
ALTER TYPE "verdict" ADD VALUE 'measured';
