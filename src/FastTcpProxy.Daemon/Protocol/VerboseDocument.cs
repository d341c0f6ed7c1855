using System.Collections.Immutable;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>The answer to <c>GET /v1/verbose</c>. Immutable.</summary>
/// <param name="Rules">The oldest first.</param>
internal sealed record VerboseDocument(ImmutableArray<VerboseRuleDocument> Rules);

/// <summary>Sessions that tell their steps. Immutable.</summary>
/// <param name="Id">Unique in its process.</param>
/// <param name="Service">Null: of any.</param>
/// <param name="Client">A network; null: from anywhere.</param>
internal sealed record VerboseRuleDocument(long Id, string? Service, string? Client, string Author, DateTime At, DateTime Expires);

/// <summary>The body of <c>POST /v1/verbose</c>. Immutable.</summary>
internal sealed record VerboseRequestDocument(string? Service, string? Client, string For);

/// <summary>The answer to a removal, such as <c>DELETE /v1/verbose</c>. Immutable.</summary>
/// <param name="Removed">How many rules or entries there were.</param>
internal sealed record RemovedDocument(int Removed);
