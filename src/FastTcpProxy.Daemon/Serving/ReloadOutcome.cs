using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Daemon.Serving;

/// <summary>The result of a reload, or of a comparison. Immutable.</summary>
/// <param name="IsApplied">Whether it is in force now.</param>
/// <param name="Errors">Why it cannot be; empty when it can.</param>
/// <param name="Warnings">What will surprise.</param>
/// <param name="Changes">What is different, and what was bound again because its file was gone, a line each; empty when nothing is, or when
/// there are errors in the text.</param>
internal sealed record ReloadOutcome(
    bool IsApplied, ImmutableArray<ConfigurationError> Errors, ImmutableArray<ConfigurationError> Warnings, ImmutableArray<string> Changes);

/// <summary>A reload that changed nothing. Immutable.</summary>
/// <param name="Source">The file, or the request that sent it.</param>
/// <param name="Author">Who wanted it.</param>
/// <param name="At">When.</param>
/// <param name="Errors">Why it failed; at least one.</param>
internal sealed record FailedReload(string Source, string Author, DateTimeOffset At, ImmutableArray<ConfigurationError> Errors);
