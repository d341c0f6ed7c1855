return FastTcpProxy.Compare.CommandLine.CompareCommand.Run(args);
