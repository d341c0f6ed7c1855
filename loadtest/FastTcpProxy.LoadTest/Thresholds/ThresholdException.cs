namespace FastTcpProxy.LoadTest.Thresholds;

/// <summary>A file of thresholds cannot be read; the message names the file, the place and what was expected.</summary>
public sealed class ThresholdException(string message) : Exception(message);
