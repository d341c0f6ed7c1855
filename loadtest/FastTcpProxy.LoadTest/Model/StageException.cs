namespace FastTcpProxy.LoadTest.Model;

/// <summary>A scenario cannot be set up here; the message says what is missing and what to do.</summary>
public sealed class StageException(string message, Exception? inner = null) : Exception(message, inner);
