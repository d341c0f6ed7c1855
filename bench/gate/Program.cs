using System.CommandLine;
using FastTcpProxy.Gate.CommandLine;
using FastTcpProxy.Gate.Running;

// The regression gate: see README.md beside this file.
ParseResult command = GateCommand.Build().Parse(args);
if (command.Errors.Count > 0)
{
    foreach (var error in command.Errors) Console.Error.WriteLine(error.Message);
    return ExitCodes.Usage;
}
try
{
    return command.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is GateException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return ExitCodes.Failed;
}
