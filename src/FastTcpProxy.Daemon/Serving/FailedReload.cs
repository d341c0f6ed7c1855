using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Daemon.Serving;

/// <summary>A reload that changed nothing. Immutable.</summary>
/// <param name="Source">The file, or how else it came.</param>
/// <param name="Author">Who wanted it.</param>
/// <param name="At">When.</param>
/// <param name="Errors">Why it failed; at least one.</param>
internal sealed record FailedReload(string Source, string Author, DateTimeOffset At, ImmutableArray<ConfigurationError> Errors);
