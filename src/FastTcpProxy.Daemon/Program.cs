return FastTcpProxy.Daemon.CommandLine.ProgramCommand.Run(args);
