Console.WriteLine("fasttcpproxy");
