namespace FastTcpProxy.Daemon.Protocol;

/// <summary>The answer to <c>POST /v1/log/reopen</c>. Immutable.</summary>
/// <param name="Path">The file that was opened again; null: the session log is no file.</param>
internal sealed record LogDocument(string? Path);
