using System.Collections.Immutable;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>The result of a reload, or of a comparison. Immutable.</summary>
/// <param name="Applied">Whether it is in force now.</param>
/// <param name="Errors">Why it cannot be; empty when it can.</param>
/// <param name="Warnings">What will surprise.</param>
/// <param name="Changes">What is different from the one in force, and what was bound again because its file was gone, a line each.</param>
internal sealed record ReloadDocument(
    bool Applied, ImmutableArray<FindingDocument> Errors, ImmutableArray<FindingDocument> Warnings, ImmutableArray<string> Changes);

/// <summary>What is wrong in a configuration, or will surprise. Immutable.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Code">Such as <c>C050</c>.</param>
/// <param name="Message">What was found and what was expected.</param>
internal sealed record FindingDocument(string File, int Line, int Column, string Code, string Message);
