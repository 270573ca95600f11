-- CreateEnum
CREATE TYPE "visibility" AS ENUM ('draft', 'link', 'public');

-- CreateEnum
CREATE TYPE "comment_state" AS ENUM ('draft', 'published', 'withdrawn');

-- CreateEnum
CREATE TYPE "run_status" AS ENUM ('queued', 'running', 'finished', 'failed', 'stopped', 'cancelled');

-- CreateEnum
CREATE TYPE "verdict" AS ENUM ('holds', 'violated', 'inconclusive', 'rejected');

-- CreateEnum
CREATE TYPE "hunk_role" AS ENUM ('applied', 'off', 'switch', 'about');

-- CreateTable
CREATE TABLE "blob" (
    "hash" BYTEA NOT NULL,
    "bytes" BYTEA,
    "size_bytes" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "withheld_at" TIMESTAMPTZ(3),

    CONSTRAINT "blob_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "archive" (
    "id" SERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "visibility" "visibility" NOT NULL DEFAULT 'public',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "archive_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "list" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "list_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "appearance" (
    "id" SERIAL NOT NULL,
    "blob_hash" BYTEA NOT NULL,
    "archive_id" INTEGER NOT NULL,
    "list_id" INTEGER,
    "message_id" INTEGER,
    "offset_bytes" BIGINT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "failure" TEXT,

    CONSTRAINT "appearance_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "person_id" UUID,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "detail" JSONB NOT NULL,

    CONSTRAINT "event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "message" (
    "id" SERIAL NOT NULL,
    "message_id_hash" BYTEA NOT NULL,
    "message_id_text" TEXT NOT NULL,
    "content_hash" BYTEA NOT NULL,
    "blob_hash" BYTEA NOT NULL,
    "parser_version" INTEGER NOT NULL,
    "variant_ordinal" INTEGER NOT NULL DEFAULT 0,
    "subject" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "from_name" TEXT NOT NULL,
    "from_address" TEXT NOT NULL,
    "to_text" TEXT NOT NULL,
    "cc_text" TEXT NOT NULL,
    "list_name" TEXT,
    "sent_at" TIMESTAMPTZ(3) NOT NULL,
    "sent_offset_minutes" INTEGER NOT NULL,
    "sent_header" TEXT NOT NULL,
    "in_reply_to" TEXT[],
    "references" TEXT[],
    "body" TEXT NOT NULL,
    "oddities" JSONB NOT NULL,
    "class" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "message_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "thread" (
    "id" SERIAL NOT NULL,
    "subject" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,
    "message_count" INTEGER NOT NULL,
    "ghost_count" INTEGER NOT NULL,

    CONSTRAINT "thread_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "thread_entry" (
    "message_id_hash" BYTEA NOT NULL,
    "message_id_text" TEXT NOT NULL,
    "thread_id" INTEGER NOT NULL,
    "parent_hash" BYTEA,
    "message_id" INTEGER,

    CONSTRAINT "thread_entry_pkey" PRIMARY KEY ("message_id_hash")
);

-- CreateTable
CREATE TABLE "trailer" (
    "id" SERIAL NOT NULL,
    "message_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "trailer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "series" (
    "id" SERIAL NOT NULL,
    "title" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "change_id" TEXT,

    CONSTRAINT "series_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "version" (
    "id" SERIAL NOT NULL,
    "series_id" INTEGER NOT NULL,
    "thread_id" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "patch_count" INTEGER NOT NULL,
    "flags" TEXT[],
    "cover_message_id" INTEGER,
    "anchor_hash" BYTEA NOT NULL,
    "join_reason" TEXT NOT NULL,
    "sent_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "patch" (
    "id" SERIAL NOT NULL,
    "version_id" INTEGER NOT NULL,
    "message_id" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "title" TEXT NOT NULL,
    "patch_id" TEXT,
    "is_resend" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "patch_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "file_diff" (
    "id" SERIAL NOT NULL,
    "message_id" INTEGER NOT NULL,
    "patch_id" INTEGER,
    "ordinal" INTEGER NOT NULL,
    "quote_depth" INTEGER NOT NULL,
    "owner_hash" BYTEA NOT NULL,
    "owner_name" TEXT NOT NULL,
    "old_path" TEXT NOT NULL,
    "new_path" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "parser_version" INTEGER NOT NULL,

    CONSTRAINT "file_diff_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "hunk" (
    "id" SERIAL NOT NULL,
    "file_diff_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "old_start" INTEGER NOT NULL,
    "old_count" INTEGER NOT NULL,
    "new_start" INTEGER NOT NULL,
    "new_count" INTEGER NOT NULL,
    "heading" TEXT NOT NULL,
    "raw" TEXT NOT NULL,
    "repaired" TEXT NOT NULL,
    "repairs" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "body_line_start" INTEGER NOT NULL,
    "body_line_end" INTEGER NOT NULL,
    "h1" TEXT NOT NULL,
    "h2" TEXT NOT NULL,

    CONSTRAINT "hunk_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "hunk_track" (
    "id" SERIAL NOT NULL,
    "series_id" INTEGER NOT NULL,

    CONSTRAINT "hunk_track_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "hunk_track_member" (
    "track_id" INTEGER NOT NULL,
    "hunk_id" INTEGER NOT NULL,
    "method" TEXT NOT NULL,
    "score" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "hunk_track_member_pkey" PRIMARY KEY ("track_id","hunk_id")
);

-- CreateTable
CREATE TABLE "mailed_comment" (
    "id" SERIAL NOT NULL,
    "message_id" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "body_line_start" INTEGER NOT NULL,
    "body_line_end" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "anchor_id" INTEGER NOT NULL,

    CONSTRAINT "mailed_comment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "anchor" (
    "id" SERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "message_id_hash" BYTEA NOT NULL,
    "message_id_text" TEXT NOT NULL,
    "place" TEXT NOT NULL,
    "path" TEXT,
    "hunk_key" TEXT,
    "side" TEXT,
    "old_line" INTEGER,
    "new_line" INTEGER,
    "line_hash" TEXT,
    "context_hash" TEXT,
    "cell_id" TEXT,
    "ask_id" TEXT,
    "step" INTEGER,
    "method" TEXT NOT NULL,
    "score" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "anchor_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "comment" (
    "id" UUID NOT NULL,
    "anchor_id" INTEGER NOT NULL,
    "author_id" UUID NOT NULL,
    "state" "comment_state" NOT NULL DEFAULT 'draft',
    "visibility" "visibility" NOT NULL DEFAULT 'public',
    "reply_to_id" UUID,
    "resolved_at" TIMESTAMPTZ(3),
    "resolved_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "comment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "comment_edit" (
    "comment_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "comment_edit_pkey" PRIMARY KEY ("comment_id","number")
);

-- CreateTable
CREATE TABLE "notebook" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "author_id" UUID NOT NULL,
    "visibility" "visibility" NOT NULL DEFAULT 'draft',
    "about_hash" BYTEA,
    "forked_from_hash" TEXT,
    "shipped_as" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "notebook_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notebook_text" (
    "hash" TEXT NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "notebook_text_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "revision" (
    "notebook_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "text_hash" TEXT NOT NULL,
    "author_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "revision_pkey" PRIMARY KEY ("notebook_id","number")
);

-- CreateTable
CREATE TABLE "notebook_draft" (
    "notebook_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "text" TEXT NOT NULL,
    "base_number" INTEGER NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "notebook_draft_pkey" PRIMARY KEY ("notebook_id","person_id")
);

-- CreateTable
CREATE TABLE "attachment" (
    "id" UUID NOT NULL,
    "notebook_id" UUID NOT NULL,
    "place" TEXT NOT NULL,
    "message_id_hash" BYTEA NOT NULL,
    "message_id_text" TEXT NOT NULL,
    "hunk_key" TEXT,
    "origin" TEXT NOT NULL,
    "author_id" UUID NOT NULL,
    "visibility" "visibility" NOT NULL DEFAULT 'public',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "withdrawn_at" TIMESTAMPTZ(3),

    CONSTRAINT "attachment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "claim" (
    "id" UUID NOT NULL,
    "notebook_id" UUID NOT NULL,
    "revision_number" INTEGER NOT NULL,
    "cell_id" TEXT NOT NULL,
    "quote" TEXT NOT NULL,
    "message_id_hash" BYTEA NOT NULL,
    "message_id_text" TEXT NOT NULL,
    "offset_start" INTEGER,
    "offset_end" INTEGER,

    CONSTRAINT "claim_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "override" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "subject_key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "reason" TEXT NOT NULL,
    "author_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "withdrawn_at" TIMESTAMPTZ(3),

    CONSTRAINT "override_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ask" (
    "id" TEXT NOT NULL,
    "person_id" UUID NOT NULL,
    "notebook_id" UUID,
    "text_hash" TEXT,
    "cell_id" TEXT NOT NULL,
    "attachment_id" UUID,
    "kind" TEXT NOT NULL,
    "visibility" "visibility" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "cancelled_at" TIMESTAMPTZ(3),
    "cancelled_by_id" UUID,

    CONSTRAINT "ask_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ask_member" (
    "ask_id" TEXT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "run_key" TEXT NOT NULL,
    "variant" TEXT NOT NULL,
    "parameters" JSONB NOT NULL,
    "switches" JSONB NOT NULL,

    CONSTRAINT "ask_member_pkey" PRIMARY KEY ("ask_id","ordinal")
);

-- CreateTable
CREATE TABLE "result_hunk" (
    "ask_id" TEXT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "hunk_key" TEXT NOT NULL,
    "role" "hunk_role" NOT NULL,
    "switch_name" TEXT,

    CONSTRAINT "result_hunk_pkey" PRIMARY KEY ("ask_id","ordinal","hunk_key","role")
);

-- CreateTable
CREATE TABLE "run" (
    "key" TEXT NOT NULL,
    "input" TEXT NOT NULL,
    "engine" TEXT NOT NULL,
    "status" "run_status" NOT NULL DEFAULT 'queued',
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3),
    "job_id" UUID,
    "progress" JSONB,
    "verdict" "verdict",
    "violation_class" TEXT,
    "result_hash" TEXT,
    "stop_reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "run_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "attempt" (
    "run_key" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "worker" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "outcome" TEXT,
    "result_hash" TEXT,

    CONSTRAINT "attempt_pkey" PRIMARY KEY ("run_key","number")
);

-- CreateTable
CREATE TABLE "result" (
    "hash" TEXT NOT NULL,
    "json" TEXT NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "result_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "person" (
    "id" UUID NOT NULL,
    "display_name" TEXT NOT NULL,
    "is_operator" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "person_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "address" (
    "address" TEXT NOT NULL,
    "person_id" UUID NOT NULL,
    "verified_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "address_pkey" PRIMARY KEY ("address")
);

-- CreateTable
CREATE TABLE "session" (
    "token_hash" BYTEA NOT NULL,
    "person_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "session_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "sign_in_token" (
    "token_hash" BYTEA NOT NULL,
    "address" TEXT,
    "is_operator" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "sign_in_token_pkey" PRIMARY KEY ("token_hash")
);

-- CreateIndex
CREATE UNIQUE INDEX "archive_name_key" ON "archive"("name");

-- CreateIndex
CREATE UNIQUE INDEX "list_name_key" ON "list"("name");

-- CreateIndex
CREATE INDEX "appearance_message_id_idx" ON "appearance"("message_id");

-- CreateIndex
CREATE INDEX "appearance_blob_hash_idx" ON "appearance"("blob_hash");

-- CreateIndex
CREATE UNIQUE INDEX "appearance_archive_id_blob_hash_key" ON "appearance"("archive_id", "blob_hash");

-- CreateIndex
CREATE INDEX "event_kind_at_idx" ON "event"("kind", "at");

-- CreateIndex
CREATE INDEX "event_subject_idx" ON "event"("subject");

-- CreateIndex
CREATE UNIQUE INDEX "message_content_hash_key" ON "message"("content_hash");

-- CreateIndex
CREATE INDEX "message_message_id_hash_idx" ON "message"("message_id_hash");

-- CreateIndex
CREATE INDEX "message_sent_at_idx" ON "message"("sent_at");

-- CreateIndex
CREATE INDEX "message_from_address_idx" ON "message"("from_address");

-- CreateIndex
CREATE INDEX "thread_last_at_idx" ON "thread"("last_at");

-- CreateIndex
CREATE INDEX "thread_entry_thread_id_idx" ON "thread_entry"("thread_id");

-- CreateIndex
CREATE INDEX "thread_entry_parent_hash_idx" ON "thread_entry"("parent_hash");

-- CreateIndex
CREATE INDEX "thread_entry_message_id_idx" ON "thread_entry"("message_id");

-- CreateIndex
CREATE INDEX "trailer_message_id_idx" ON "trailer"("message_id");

-- CreateIndex
CREATE INDEX "version_thread_id_idx" ON "version"("thread_id");

-- CreateIndex
CREATE UNIQUE INDEX "version_series_id_number_anchor_hash_key" ON "version"("series_id", "number", "anchor_hash");

-- CreateIndex
CREATE UNIQUE INDEX "patch_message_id_key" ON "patch"("message_id");

-- CreateIndex
CREATE INDEX "patch_version_id_number_idx" ON "patch"("version_id", "number");

-- CreateIndex
CREATE INDEX "file_diff_new_path_idx" ON "file_diff"("new_path");

-- CreateIndex
CREATE INDEX "file_diff_owner_hash_idx" ON "file_diff"("owner_hash");

-- CreateIndex
CREATE UNIQUE INDEX "file_diff_message_id_ordinal_key" ON "file_diff"("message_id", "ordinal");

-- CreateIndex
CREATE UNIQUE INDEX "hunk_key_key" ON "hunk"("key");

-- CreateIndex
CREATE INDEX "hunk_file_diff_id_idx" ON "hunk"("file_diff_id");

-- CreateIndex
CREATE INDEX "hunk_h1_idx" ON "hunk"("h1");

-- CreateIndex
CREATE INDEX "hunk_h2_idx" ON "hunk"("h2");

-- CreateIndex
CREATE UNIQUE INDEX "hunk_track_member_hunk_id_key" ON "hunk_track_member"("hunk_id");

-- CreateIndex
CREATE INDEX "mailed_comment_anchor_id_idx" ON "mailed_comment"("anchor_id");

-- CreateIndex
CREATE UNIQUE INDEX "mailed_comment_message_id_ordinal_key" ON "mailed_comment"("message_id", "ordinal");

-- CreateIndex
CREATE UNIQUE INDEX "anchor_key_key" ON "anchor"("key");

-- CreateIndex
CREATE INDEX "anchor_hunk_key_idx" ON "anchor"("hunk_key");

-- CreateIndex
CREATE INDEX "anchor_message_id_hash_idx" ON "anchor"("message_id_hash");

-- CreateIndex
CREATE INDEX "comment_anchor_id_idx" ON "comment"("anchor_id");

-- CreateIndex
CREATE INDEX "comment_author_id_idx" ON "comment"("author_id");

-- CreateIndex
CREATE UNIQUE INDEX "notebook_slug_key" ON "notebook"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "notebook_shipped_as_key" ON "notebook"("shipped_as");

-- CreateIndex
CREATE INDEX "notebook_about_hash_idx" ON "notebook"("about_hash");

-- CreateIndex
CREATE INDEX "notebook_author_id_idx" ON "notebook"("author_id");

-- CreateIndex
CREATE INDEX "revision_text_hash_idx" ON "revision"("text_hash");

-- CreateIndex
CREATE INDEX "attachment_message_id_hash_idx" ON "attachment"("message_id_hash");

-- CreateIndex
CREATE INDEX "attachment_hunk_key_idx" ON "attachment"("hunk_key");

-- CreateIndex
CREATE INDEX "attachment_notebook_id_idx" ON "attachment"("notebook_id");

-- CreateIndex
CREATE INDEX "claim_message_id_hash_idx" ON "claim"("message_id_hash");

-- CreateIndex
CREATE UNIQUE INDEX "claim_notebook_id_revision_number_cell_id_key" ON "claim"("notebook_id", "revision_number", "cell_id");

-- CreateIndex
CREATE INDEX "override_kind_subject_key_idx" ON "override"("kind", "subject_key");

-- CreateIndex
CREATE INDEX "ask_notebook_id_created_at_idx" ON "ask"("notebook_id", "created_at");

-- CreateIndex
CREATE INDEX "ask_person_id_created_at_idx" ON "ask"("person_id", "created_at");

-- CreateIndex
CREATE INDEX "ask_member_run_key_idx" ON "ask_member"("run_key");

-- CreateIndex
CREATE INDEX "result_hunk_hunk_key_idx" ON "result_hunk"("hunk_key");

-- CreateIndex
CREATE INDEX "run_status_lease_until_idx" ON "run"("status", "lease_until");

-- CreateIndex
CREATE INDEX "run_result_hash_idx" ON "run"("result_hash");

-- CreateIndex
CREATE INDEX "address_person_id_idx" ON "address"("person_id");

-- CreateIndex
CREATE INDEX "session_person_id_idx" ON "session"("person_id");

-- AddForeignKey
ALTER TABLE "appearance" ADD CONSTRAINT "appearance_blob_hash_fkey" FOREIGN KEY ("blob_hash") REFERENCES "blob"("hash") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "appearance" ADD CONSTRAINT "appearance_archive_id_fkey" FOREIGN KEY ("archive_id") REFERENCES "archive"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "appearance" ADD CONSTRAINT "appearance_list_id_fkey" FOREIGN KEY ("list_id") REFERENCES "list"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "appearance" ADD CONSTRAINT "appearance_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "message"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "message" ADD CONSTRAINT "message_blob_hash_fkey" FOREIGN KEY ("blob_hash") REFERENCES "blob"("hash") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "thread_entry" ADD CONSTRAINT "thread_entry_thread_id_fkey" FOREIGN KEY ("thread_id") REFERENCES "thread"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "thread_entry" ADD CONSTRAINT "thread_entry_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "message"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "thread_entry" ADD CONSTRAINT "thread_entry_parent_hash_fkey" FOREIGN KEY ("parent_hash") REFERENCES "thread_entry"("message_id_hash") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trailer" ADD CONSTRAINT "trailer_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "message"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "version" ADD CONSTRAINT "version_series_id_fkey" FOREIGN KEY ("series_id") REFERENCES "series"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "version" ADD CONSTRAINT "version_thread_id_fkey" FOREIGN KEY ("thread_id") REFERENCES "thread"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "version" ADD CONSTRAINT "version_cover_message_id_fkey" FOREIGN KEY ("cover_message_id") REFERENCES "message"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "patch" ADD CONSTRAINT "patch_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "version"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "patch" ADD CONSTRAINT "patch_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "message"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "file_diff" ADD CONSTRAINT "file_diff_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "message"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "file_diff" ADD CONSTRAINT "file_diff_patch_id_fkey" FOREIGN KEY ("patch_id") REFERENCES "patch"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hunk" ADD CONSTRAINT "hunk_file_diff_id_fkey" FOREIGN KEY ("file_diff_id") REFERENCES "file_diff"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hunk_track" ADD CONSTRAINT "hunk_track_series_id_fkey" FOREIGN KEY ("series_id") REFERENCES "series"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hunk_track_member" ADD CONSTRAINT "hunk_track_member_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "hunk_track"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hunk_track_member" ADD CONSTRAINT "hunk_track_member_hunk_id_fkey" FOREIGN KEY ("hunk_id") REFERENCES "hunk"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mailed_comment" ADD CONSTRAINT "mailed_comment_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "message"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mailed_comment" ADD CONSTRAINT "mailed_comment_anchor_id_fkey" FOREIGN KEY ("anchor_id") REFERENCES "anchor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "comment" ADD CONSTRAINT "comment_anchor_id_fkey" FOREIGN KEY ("anchor_id") REFERENCES "anchor"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "comment" ADD CONSTRAINT "comment_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "comment" ADD CONSTRAINT "comment_resolved_by_id_fkey" FOREIGN KEY ("resolved_by_id") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "comment" ADD CONSTRAINT "comment_reply_to_id_fkey" FOREIGN KEY ("reply_to_id") REFERENCES "comment"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "comment_edit" ADD CONSTRAINT "comment_edit_comment_id_fkey" FOREIGN KEY ("comment_id") REFERENCES "comment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notebook" ADD CONSTRAINT "notebook_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revision" ADD CONSTRAINT "revision_notebook_id_fkey" FOREIGN KEY ("notebook_id") REFERENCES "notebook"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revision" ADD CONSTRAINT "revision_text_hash_fkey" FOREIGN KEY ("text_hash") REFERENCES "notebook_text"("hash") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revision" ADD CONSTRAINT "revision_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notebook_draft" ADD CONSTRAINT "notebook_draft_notebook_id_fkey" FOREIGN KEY ("notebook_id") REFERENCES "notebook"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notebook_draft" ADD CONSTRAINT "notebook_draft_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attachment" ADD CONSTRAINT "attachment_notebook_id_fkey" FOREIGN KEY ("notebook_id") REFERENCES "notebook"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attachment" ADD CONSTRAINT "attachment_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "claim" ADD CONSTRAINT "claim_notebook_id_fkey" FOREIGN KEY ("notebook_id") REFERENCES "notebook"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "override" ADD CONSTRAINT "override_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ask" ADD CONSTRAINT "ask_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ask" ADD CONSTRAINT "ask_cancelled_by_id_fkey" FOREIGN KEY ("cancelled_by_id") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ask" ADD CONSTRAINT "ask_notebook_id_fkey" FOREIGN KEY ("notebook_id") REFERENCES "notebook"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ask" ADD CONSTRAINT "ask_attachment_id_fkey" FOREIGN KEY ("attachment_id") REFERENCES "attachment"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ask_member" ADD CONSTRAINT "ask_member_ask_id_fkey" FOREIGN KEY ("ask_id") REFERENCES "ask"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ask_member" ADD CONSTRAINT "ask_member_run_key_fkey" FOREIGN KEY ("run_key") REFERENCES "run"("key") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "result_hunk" ADD CONSTRAINT "result_hunk_ask_id_ordinal_fkey" FOREIGN KEY ("ask_id", "ordinal") REFERENCES "ask_member"("ask_id", "ordinal") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_result_hash_fkey" FOREIGN KEY ("result_hash") REFERENCES "result"("hash") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_run_key_fkey" FOREIGN KEY ("run_key") REFERENCES "run"("key") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "address" ADD CONSTRAINT "address_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
