namespace FastTcpProxy.Testing.Processes;

/// <summary>What a program that ran to its end left: its exit code and its output, its lines separated by a line feed. Immutable.</summary>
public sealed record ProcessResult(int ExitCode, string Output, string Error);
