namespace FastTcpProxy.Compare.Contestants;

/// <summary>A contestant cannot be found, does not start, or died; the text names it and gives its last words.</summary>
public sealed class ContestantException(string message) : Exception(message);
